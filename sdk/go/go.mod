module github.com/checkreality/go-sdk

go 1.19
