# What ptests is made of; `./dev setup` installs all of it.
include_guard()

list(APPEND CMAKE_MODULE_PATH "${CMAKE_CURRENT_LIST_DIR}") # FindLibuv, FindRE2, FindSqlite, FindXxHash
find_package(PkgConfig REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json 3.10 REQUIRED)
find_package(tl-expected REQUIRED)
find_package(Libuv REQUIRED)
find_package(RE2 REQUIRED)
find_package(Sqlite REQUIRED)
find_package(XxHash REQUIRED)
find_package(EXPAT REQUIRED)
