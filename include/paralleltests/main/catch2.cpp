// Catch2's own main, and our listener.
#if defined(__has_include)
#if __has_include(<catch2/catch_session.hpp>)
#define PARALLELTESTS_CATCH2_SESSION
#endif
#endif

#ifdef PARALLELTESTS_CATCH2_SESSION
#include <catch2/catch_session.hpp>

#include "../catch2.hpp"

int main(int argc, char* argv[]) { return Catch::Session().run(argc, argv); }
#else
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>

#include "../catch2.hpp"
#endif
