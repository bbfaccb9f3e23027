# Outlook.com and Outlook on the web: Manage contacts, Export contacts.
# Dates are month first, whatever the country.
profile	outlook-com
title	Outlook.com, contacts.csv
kind	contact
key	email,phone
match	First Name	Last Name	Given Name Yomi	E-mail Address

columns
Title	prefix
First Name	given
Middle Name	middle
Last Name	family
Suffix	suffix
Nickname	nick
Given Name Yomi	note+	label
Surname Yomi	note+	label
Family Name Yomi	note+	label
Company Yomi	note+	label
Company	org.name
Department	dept
Job Title	title
# One address is the record's, the first one that there is.
Business Street	street	set business
Business City	city	set business
Business State	region	set business
Business Postal Code	postcode	set business
Business Country	country	set business
Business Country/Region	country	set business
Home Street	street	set home
Home City	city	set home
Home State	region	set home
Home Postal Code	postcode	set home
Home Country	country	set home
Home Country/Region	country	set home
Other Street	street	set other
Other City	city	set other
Other State	region	set other
Other Postal Code	postcode	set other
Other Country	country	set other
Other Country/Region	country	set other
Primary Phone	phone+
Mobile Phone	phone+
Business Phone	phone+
Business Phone 2	phone+
Home Phone	phone+
Home Phone 2	phone+
Car Phone	phone+
Radio Phone	phone+
Other Phone	phone+
Company Main Phone	note+	label
Organization Main Phone	note+	label
Assistant's Phone	note+	label
Callback	note+	label
Business Fax	note+	label
Home Fax	note+	label
Other Fax	note+	label
ISDN	note+	label
Pager	note+	label
TTY/TDD Phone	note+	label
TTY TDD Phone	note+	label
Telex	note+	label
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
Categories	tag+	split ;
Web Page	url
Personal Web Page	note+	label
Notes	note+	join "\n"
Office Location	note+	label
Profession	note+	label
Spouse	note+	label
Spouse/Partner	note+	label
