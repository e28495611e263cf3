package invoke

import "cmp"

// An Account is the place in AWS that a function and what stands in front of it belong
// to. It shows in ARNs, domain names and events. "" stands for the defaults, account
// 123456789012 in us-east-1.
type Account struct {
	ID     string // twelve digits
	Region string // such as "eu-west-1"
}

// OrDefault returns the account with the defaults in place of what a leaves open.
func (a Account) OrDefault() Account {
	return Account{ID: cmp.Or(a.ID, "123456789012"), Region: cmp.Or(a.Region, "us-east-1")}
}
