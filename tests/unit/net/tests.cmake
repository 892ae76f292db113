ad_unit_tests(net MODULES work)
