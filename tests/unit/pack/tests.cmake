# Installers to sign are those that the local tenant offers.
ad_unit_tests(pack)
target_compile_definitions(unit_pack_signature PRIVATE DT_TEST_INSTALLERS="${CMAKE_BINARY_DIR}/installers")
add_dependencies(unit_pack_signature dt_installers)
