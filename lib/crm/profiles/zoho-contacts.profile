# Zoho CRM: Setup, Data Administration, Export, or a data backup, Contacts.
# A reference stands in two columns, X.id and X; ids may begin with "zcrm_".
profile	zoho-contacts
title	Zoho CRM, contacts
kind	contact
key	ext,email
match	Last Name	Account Name	Contact Owner

columns
Record Id	ext+	strip zcrm_ prefix zoho:
Contact Id	ext+	strip zcrm_ prefix zoho:
Contact Owner	owner
Contact Owner.id	-
Lead Source	source	lower
	map "cold call=call,external referral=referral,employee referral=referral"
	map "advertisement=campaign,trade show=event,online store=web"
	map "public relations=campaign,sales email alias=email,web download=web"
	map "seminar partner=event,internal seminar=event,web research=web"
	map "chat=web,facebook=web,twitter=web"
Salutation	prefix
First Name	given
Last Name	family
Full Name	name
Contact Name	name	else
Account Name.id	org.ext	strip zcrm_ prefix zoho:
Account Name	org.name
Vendor Name.id	-
Vendor Name	note+	label
Email	email+
Secondary Email	email+
Title	title
Department	dept
Mobile	phone+
Phone	phone+
Home Phone	phone+
Other Phone	phone+
Asst Phone	note+	label
Assistant	note+	label
Fax	note+	label
Date of Birth	bday	date iso
Reporting To.id	-
Reporting To	note+	label
Skype ID	social+
Twitter	social+
# One address is the record's, the first one that there is.
Mailing Street	street	set mailing
Mailing City	city	set mailing
Mailing State	region	set mailing
Mailing Zip	postcode	set mailing
Mailing Country	country	set mailing
Other Street	street	set other
Other City	city	set other
Other State	region	set other
Other Zip	postcode	set other
Other Country	country	set other
Tag	tag+
Email Opt Out	suppress	bool
Unsubscribed Mode	note+	label
Unsubscribed Time	note+	date iso label
Description	note+	join "\n"
Currency	-
Exchange Rate	-
Created By.id	-
Created By	-
Created Time	created	date iso
Modified By.id	-
Modified By	-
Modified Time	-
Last Activity Time	-
Change Log Time	-
Locked	-
Record Image	-
