ad_unit_tests(identity MODULES http work LIBS PkgConfig::OPENSSL PkgConfig::LIBJWT)
