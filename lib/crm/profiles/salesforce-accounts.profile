# Salesforce: Data Export (Account.csv), Data Loader, API names.
profile	salesforce-accounts
title	Salesforce, Account
kind	org
key	ext
match	Id	Name	BillingCity
unless	LastName	StageName

columns
Id	ext+	id18 prefix salesforce:
Name	name
Type	type	lower
	map "customer - direct=customer,customer - channel=customer"
	map "channel partner / reseller=reseller,technology partner=partner"
	map "installation partner=integrator,distributor=reseller,analyst=analyst"
	map "competitor=competitor,customer=customer,integrator=integrator"
	map "investor=investor,partner=partner,press=press,prospect=prospect"
ParentId	note+	id18 prefix salesforce: label
AccountNumber	note+	label
Website	url
Website	domain+	host lower
Phone	phone+
Fax	note+	label
Industry	industry
AnnualRevenue	turnover	number .
NumberOfEmployees	size	number .
Ownership	note+	label
TickerSymbol	note+	label
Rating	note+	label
Site	note+	label
Sic	note+	label
SicDesc	note+	label
# One address is the record's, the first one that there is.
BillingStreet	street	set billing
BillingCity	city	set billing
BillingState	region	set billing
BillingPostalCode	postcode	set billing
BillingCountry	country	set billing
BillingStateCode	-
BillingCountryCode	-
BillingLatitude	-
BillingLongitude	-
BillingGeocodeAccuracy	-
ShippingStreet	street	set shipping
ShippingCity	city	set shipping
ShippingState	region	set shipping
ShippingPostalCode	postcode	set shipping
ShippingCountry	country	set shipping
ShippingStateCode	-
ShippingCountryCode	-
ShippingLatitude	-
ShippingLongitude	-
ShippingGeocodeAccuracy	-
AccountSource	source	lower
	map "phone inquiry=call,partner referral=referral,purchased list=other"
Description	note+	join "\n"
Owner.Name	owner
OwnerId	owner	id18 else
CreatedDate	created	date iso
CreatedById	-
LastModifiedDate	-
LastModifiedById	-
SystemModstamp	-
LastActivityDate	-
LastViewedDate	-
LastReferencedDate	-
IsDeleted	-
MasterRecordId	-
PhotoUrl	-
Jigsaw	-
JigsawContactId	-
CleanStatus	-
