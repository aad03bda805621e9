// @timout 600
// @memory lots
// @file parse.cpp
// @depends-on unit.pars
