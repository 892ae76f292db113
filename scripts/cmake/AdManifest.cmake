# ad_embed_manifest(TARGET): compiles the files of manifest/ that go into the Teams app package into TARGET.
find_package(Python3 REQUIRED COMPONENTS Interpreter)

function(ad_embed_manifest target)
	set(generator ${CMAKE_SOURCE_DIR}/scripts/cmake/embed_files.py)
	set(out ${CMAKE_BINARY_DIR}/generated/ad_manifest_files.c)
	set(inputs manifest.json color.png outline.png)
	list(TRANSFORM inputs PREPEND ${CMAKE_SOURCE_DIR}/manifest/)
	add_custom_command(
		OUTPUT ${out}
		COMMAND Python3::Interpreter ${generator} ${out} ${inputs}
		DEPENDS ${generator} ${inputs}
		COMMENT "Compiling manifest/ into C"
		VERBATIM)
	target_sources(${target} PRIVATE ${out})
endfunction()
