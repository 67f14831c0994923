module ottl-pprof

go 1.26.0
