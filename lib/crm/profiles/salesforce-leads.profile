# Salesforce: Data Export (Lead.csv), Data Loader, API names. A lead is a
# contact whose status tells how far it is.
profile	salesforce-leads
title	Salesforce, Lead
kind	contact
key	ext,email
match	Id	LastName	Company	Status

columns
Id	ext+	id18 prefix salesforce:
Salutation	prefix
FirstName	given
MiddleName	middle
LastName	family
Suffix	suffix
Name	name
Title	title
Company	org.name
Industry	org.industry
AnnualRevenue	org.turnover	number .
NumberOfEmployees	org.size	number .
Website	url
Email	email+
EmailBouncedReason	note+	label
EmailBouncedDate	note+	date iso label
Phone	phone+
MobilePhone	phone+
Fax	note+	label
Street	street
City	city
State	region
PostalCode	postcode
Country	country
StateCode	-
CountryCode	-
Latitude	-
Longitude	-
GeocodeAccuracy	-
LeadSource	source	lower
	map "phone inquiry=call,partner referral=referral,word of mouth=referral"
	map "employee referral=referral,external referral=referral"
	map "purchased list=other,trade show=event,seminar=event"
	map "advertisement=campaign,public relations=campaign"
Status	status	lower
	map "open - not contacted=new,open=new,assigned=new"
	map "working - contacted=working,contacted=working"
	map "closed - converted=qualified,converted=qualified"
	map "closed - not converted=unqualified"
	map "in process=working,recycled=nurturing,dead=unqualified"
Rating	note+	label
IsConverted	note+	bool map no= label
ConvertedDate	note+	date iso label
ConvertedAccountId	note+	id18 prefix salesforce: label
ConvertedContactId	note+	id18 prefix salesforce: label
ConvertedOpportunityId	note+	id18 prefix salesforce: label
IsUnreadByOwner	-
Description	note+	join "\n"
HasOptedOutOfEmail	suppress	bool
DoNotCall	suppress	bool
HasOptedOutOfFax	note+	bool map no= label
IndividualId	-
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
