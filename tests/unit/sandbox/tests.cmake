# libseccomp plays kernels that lack a lock.
ad_unit_tests(sandbox LIBS PkgConfig::SECCOMP)
