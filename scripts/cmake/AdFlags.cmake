# Compiler flags for every target of the project. Each flag is probed, so that gcc and clang share one list.
include(CheckCCompilerFlag)
include(CheckPIESupported)

option(AD_WERROR "Treat warnings as errors (development and CI; off for packagers)" ON)
set(AD_SANITIZE "" CACHE STRING "Sanitizers: empty, address (with undefined) or thread")
option(AD_HARDEN "Hardening of released binaries" OFF)
option(AD_FAULTS "Compile the named fault points in (tests); off in releases" ON)
option(AD_FUZZ "Instrument for libFuzzer (clang)" OFF)
option(AD_ANALYZE "Run gcc's static analyzer while compiling" OFF)

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
check_pie_supported()

add_library(ad_flags INTERFACE)
target_compile_definitions(ad_flags INTERFACE _GNU_SOURCE)
target_include_directories(ad_flags INTERFACE ${CMAKE_SOURCE_DIR}/include)
target_link_libraries(ad_flags INTERFACE Threads::Threads)

function(ad_probe_flags)
	foreach(flag ${ARGN})
		string(MAKE_C_IDENTIFIER "AD_HAS${flag}" name)
		check_c_compiler_flag(${flag} ${name})
		if(${name})
			target_compile_options(ad_flags INTERFACE ${flag})
		endif()
	endforeach()
endfunction()

find_package(Threads REQUIRED)
ad_probe_flags(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
	-Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wformat-signedness -Wwrite-strings
	-Wcast-qual -Wcast-align=strict -Wundef -Wswitch-enum -Wimplicit-fallthrough -Wduplicated-cond
	-Wduplicated-branches -Wlogical-op -fno-common -fvisibility=hidden)
if(NOT AD_SANITIZE)
	# Instrumentation inflates stack frames and invents null paths: these two judge plain builds only.
	ad_probe_flags(-Wnull-dereference)
	set(AD_MODULE_FLAGS -Wframe-larger-than=16384) # modules run on threads with small stacks
endif()
if(AD_WERROR)
	ad_probe_flags(-Werror)
endif()
target_compile_options(ad_flags INTERFACE -include ${CMAKE_SOURCE_DIR}/include/ad/banned.h)

if(AD_SANITIZE)
	# Tests take a quarter less time than with -O0. What is not set is judged by plain builds: instrumentation invents ways there.
	target_compile_options(ad_flags INTERFACE $<$<CONFIG:Debug>:-O1>
		$<$<C_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
endif()
if(AD_SANITIZE STREQUAL "address")
	target_compile_options(ad_flags INTERFACE
		-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -g)
	target_link_options(ad_flags INTERFACE -fsanitize=address,undefined)
elseif(AD_SANITIZE STREQUAL "thread")
	target_compile_options(ad_flags INTERFACE -fsanitize=thread -fno-omit-frame-pointer -g)
	target_link_options(ad_flags INTERFACE -fsanitize=thread)
elseif(AD_SANITIZE)
	message(FATAL_ERROR "AD_SANITIZE is '${AD_SANITIZE}': use address or thread")
endif()

if(AD_FUZZ)
	target_compile_options(ad_flags INTERFACE -fsanitize=fuzzer-no-link)
	target_link_options(ad_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

if(AD_HARDEN)
	ad_probe_flags(-fstack-protector-strong -fstack-clash-protection -fcf-protection=full
		-ftrivial-auto-var-init=zero -fno-delete-null-pointer-checks -fno-strict-overflow
		-fno-strict-aliasing)
	target_compile_options(ad_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
	target_link_options(ad_flags INTERFACE -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--as-needed)
endif()
if(AD_FAULTS)
	target_compile_definitions(ad_flags INTERFACE AD_FAULTS=1)
else()
	target_compile_definitions(ad_flags INTERFACE AD_FAULTS=0)
endif()
if(AD_ANALYZE)
	ad_probe_flags(-fanalyzer)
endif()
