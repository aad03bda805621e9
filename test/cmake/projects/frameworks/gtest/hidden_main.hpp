#pragma once
#include "own.cpp"
