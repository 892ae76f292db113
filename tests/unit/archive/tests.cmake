# The generators in these tests deflate with zlib.
ad_unit_tests(archive LIBS PkgConfig::ZLIB)
