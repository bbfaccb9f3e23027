# Salesforce: Data Export (Contact.csv), Data Loader, API names. Ids have 15
# characters here and 18 there: they are kept as 18.
profile	salesforce-contacts
title	Salesforce, Contact
kind	contact
key	ext,email
match	Id	LastName	AccountId
unless	IsConverted	StageName

columns
Id	ext+	id18 prefix salesforce:
AccountId	org.ext	id18 prefix salesforce:
Account.Name	org.name
Salutation	prefix
FirstName	given
MiddleName	middle
LastName	family
Suffix	suffix
Name	name
Title	title
Department	dept
Email	email+
EmailBouncedReason	note+	label
EmailBouncedDate	note+	date iso label
Phone	phone+
MobilePhone	phone+
HomePhone	phone+
OtherPhone	phone+
AssistantPhone	note+	label
AssistantName	note+	label
Fax	note+	label
Birthdate	bday	date iso
# One address is the record's, the first one that there is.
MailingStreet	street	set mailing
MailingCity	city	set mailing
MailingState	region	set mailing
MailingPostalCode	postcode	set mailing
MailingCountry	country	set mailing
MailingStateCode	-
MailingCountryCode	-
MailingLatitude	-
MailingLongitude	-
MailingGeocodeAccuracy	-
OtherStreet	street	set other
OtherCity	city	set other
OtherState	region	set other
OtherPostalCode	postcode	set other
OtherCountry	country	set other
OtherStateCode	-
OtherCountryCode	-
OtherLatitude	-
OtherLongitude	-
OtherGeocodeAccuracy	-
LeadSource	source	lower
	map "phone inquiry=call,partner referral=referral,word of mouth=referral"
	map "employee referral=referral,external referral=referral"
	map "purchased list=other,trade show=event,seminar=event"
	map "advertisement=campaign,public relations=campaign"
# Whom one reports to is a link; the id is kept to make it.
ReportsToId	note+	id18 prefix salesforce: label
Description	note+	join "\n"
HasOptedOutOfEmail	suppress	bool
DoNotCall	suppress	bool
HasOptedOutOfFax	note+	bool map no= label
IndividualId	-
IsEmailBounced	-
LastCURequestDate	-
LastCUUpdateDate	-
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
