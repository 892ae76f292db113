# Every rule is tested both ways, and gcov has to agree.
ad_unit_tests(domain)
find_program(AD_GCC gcc REQUIRED)
find_program(AD_GCOV gcov REQUIRED)
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME unit_domain_branches
	COMMAND ${Python3_EXECUTABLE} ${CMAKE_SOURCE_DIR}/tests/unit/domain/branches.py ${CMAKE_SOURCE_DIR} ${AD_GCC} ${AD_GCOV})
set_tests_properties(unit_domain_branches PROPERTIES LABELS unit TIMEOUT 120)
