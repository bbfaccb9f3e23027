# Outlook for Windows: File, Open & Export, Import/Export, "Comma Separated
# Values". Dates are in the order of the computer it comes from, here month
# first: write "date eu" for the others. 0/0/00 is no date.
profile	outlook
title	Outlook, comma separated values
kind	contact
key	email,phone
match	First Name	Last Name	Company	Job Title	E-mail Address
match	Account	Categories
unless	Given Name Yomi

columns
Title	prefix
First Name	given
Middle Name	middle
Last Name	family
Suffix	suffix
Company	org.name
Department	dept
Job Title	title
# One address is the record's, the first one that there is.
Business Street	street	set business
Business Street 2	street	set business join "\n"
Business Street 3	street	set business join "\n"
Business Address PO Box	street	set business join "\n"
Business City	city	set business
Business State	region	set business
Business Postal Code	postcode	set business
Business Country/Region	country	set business
Business Country	country	set business
Home Street	street	set home
Home Street 2	street	set home join "\n"
Home Street 3	street	set home join "\n"
Home Address PO Box	street	set home join "\n"
Home City	city	set home
Home State	region	set home
Home Postal Code	postcode	set home
Home Country/Region	country	set home
Home Country	country	set home
Other Street	street	set other
Other Street 2	street	set other join "\n"
Other Street 3	street	set other join "\n"
Other Address PO Box	street	set other join "\n"
Other City	city	set other
Other State	region	set other
Other Postal Code	postcode	set other
Other Country/Region	country	set other
Other Country	country	set other
Primary Phone	phone+
Mobile Phone	phone+
Business Phone	phone+
Business Phone 2	phone+
Home Phone	phone+
Home Phone 2	phone+
Car Phone	phone+
Radio Phone	phone+
Other Phone	phone+
# Lines that are not the person's own, and machines, are no phone to call.
Company Main Phone	note+	label
Assistant's Phone	note+	label
Callback	note+	label
Business Fax	note+	label
Home Fax	note+	label
Other Fax	note+	label
ISDN	note+	label
Pager	note+	label
TTY/TDD Phone	note+	label
Telex	note+	label
# Colleagues of an Exchange server have a path there, /o=..., for an address.
E-mail Address	email+	with @
E-mail Address	note+	without @ label
E-mail Type	-
E-mail Display Name	-
E-mail {n} Address	email+	with @
E-mail {n} Address	note+	without @ label
E-mail {n} Type	-
E-mail {n} Display Name	-
Anniversary	anniv	date us
Birthday	bday	date us
Gender	gender	lower map unspecified=
Categories	tag+	split ;
Web Page	url
Language	lang
Notes	note+	join "\n"
Account	note+	label
Assistant's Name	note+	label
Billing Information	note+	label
Children	note+	label
Directory Server	note+	label
Government ID Number	note+	label
Hobby	note+	label
Initials	note+	label
Internet Free Busy	note+	label
Keywords	note+	label
Location	note+	label
Manager's Name	note+	label
Mileage	note+	label
Office Location	note+	label
Organizational ID Number	note+	label
Priority	note+	map Normal= label
Private	note+	map False= label
Profession	note+	label
Referred By	note+	label
Sensitivity	note+	map Normal= label
Spouse	note+	label
User {n}	note+	label
