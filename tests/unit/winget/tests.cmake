ad_unit_tests(winget)

# Signatures made with the pieces of the local tenant's world. LINK_ONLY: the world's own headers must
# not hide those of the libraries.
ad_cmocka(unit_winget_signature ${CMAKE_SOURCE_DIR}/tests/unit/winget/signature_test.c MODULES winget
	LIBS $<LINK_ONLY:dt_world> LABELS unit)

# The chain against whole worlds, which have to be built first. With a fixed time zone the C library
# does not read it anew under a lock that TSan cannot see. Sanitizers and a busy machine make it long.
foreach(test world spoiled_world)
	ad_cmocka(unit_winget_${test} ${CMAKE_SOURCE_DIR}/tests/unit/winget/${test}_test.c MODULES winget
		LIBS $<LINK_ONLY:dt_world> LABELS unit)
	target_compile_definitions(unit_winget_${test} PRIVATE
		DT_TEST_INSTALLERS="${CMAKE_BINARY_DIR}/installers")
	add_dependencies(unit_winget_${test} dt_installers)
	set_property(TEST unit_winget_${test} APPEND PROPERTY ENVIRONMENT "TZ=UTC")
	set_tests_properties(unit_winget_${test} PROPERTIES TIMEOUT 400)
endforeach()

# Some 3,500 verifications of a genuine package.
set_tests_properties(unit_winget_package_genuine PROPERTIES TIMEOUT 600)
