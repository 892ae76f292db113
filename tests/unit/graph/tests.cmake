# Against the local tenant: its program stands beside these.
ad_unit_tests(graph)
foreach(stem directory delta content)
	if(TARGET unit_graph_${stem})
		add_dependencies(unit_graph_${stem} appdesk-devtenant)
		set_property(TEST unit_graph_${stem} APPEND PROPERTY ENVIRONMENT
			APPDESK_TEST_TENANT=${CMAKE_BINARY_DIR}/bin/appdesk-devtenant
			APPDESK_TEST_INSTALLERS=${CMAKE_BINARY_DIR}/installers)
	endif()
endforeach()
