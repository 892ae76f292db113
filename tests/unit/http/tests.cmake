ad_unit_tests(http MODULES crypto LIBS PkgConfig::OPENSSL PkgConfig::OPENSSL_SSL)
