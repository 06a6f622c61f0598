module modelgate.dev/examples/mortgage

go 1.26.0
