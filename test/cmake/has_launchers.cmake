cmake_minimum_required(VERSION 3.25)
if(CMAKE_VERSION VERSION_LESS 3.29)
  message(FATAL_ERROR "before 3.29: no TEST_LAUNCHER, no CMP0158")
endif()
