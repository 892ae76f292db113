# ad_embed_sql(): turns sql/queries/*.sql, sql/migrations/*.sql and sql/roles.sql into
# ${AD_SQL_DIR}/ad_queries.h (enum of the named queries) and ad_sql.c (their text, the migrations and their digests).
find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(AD_SQL_DIR ${CMAKE_BINARY_DIR}/generated)

function(ad_embed_sql)
	set(generator ${CMAKE_SOURCE_DIR}/scripts/cmake/embed_sql.py)
	file(GLOB_RECURSE inputs CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/sql/*.sql)
	add_custom_command(
		OUTPUT ${AD_SQL_DIR}/ad_queries.h ${AD_SQL_DIR}/ad_sql.c
		COMMAND Python3::Interpreter ${generator} ${CMAKE_SOURCE_DIR}/sql ${AD_SQL_DIR}
		DEPENDS ${generator} ${inputs}
		COMMENT "Compiling sql/ into C tables"
		VERBATIM)
endfunction()
