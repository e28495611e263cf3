module github.com/lambridge-go/lambridge

go 1.26
