// Package headercount lets a server take requests of any number of headers. Servers of
// net/http refuse more than 500 lines with status 431 from Go 1.27 on; how many a
// front door takes is the front door's to decide.
package headercount
