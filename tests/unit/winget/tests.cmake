ad_unit_tests(winget)

# The chain against the local tenant's world, which has to be built first. LINK_ONLY: the world's own
# headers must not hide those of the libraries.
ad_cmocka(unit_winget_world ${CMAKE_SOURCE_DIR}/tests/unit/winget/world_test.c MODULES winget
	LIBS $<LINK_ONLY:dt_world> LABELS unit)
target_compile_definitions(unit_winget_world PRIVATE
	DT_TEST_INSTALLERS="${CMAKE_BINARY_DIR}/installers")
add_dependencies(unit_winget_world dt_installers)
# With a fixed time zone the C library does not read it anew under a lock that TSan cannot see.
set_property(TEST unit_winget_world APPEND PROPERTY ENVIRONMENT "TZ=UTC")
# Some forty worlds are published; sanitizers and a busy machine make that long.
set_tests_properties(unit_winget_world PROPERTIES TIMEOUT 400)
