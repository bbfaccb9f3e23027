# Google Contacts: Export, "Google CSV", the layout until 2024.
profile	google-old
title	Google Contacts, Google CSV before 2024
kind	contact
key	email,phone
match	Given Name	Family Name	Group Membership

columns
Name	name
Given Name	given
Additional Name	middle
Family Name	family
Yomi Name	note+	label
Given Name Yomi	note+	label
Additional Name Yomi	note+	label
Family Name Yomi	note+	label
Name Prefix	prefix
Name Suffix	suffix
Initials	note+	label
Nickname	nick
Short Name	note+	label
Maiden Name	note+	label
File As	note+	label
Birthday	bday	without "--" date iso
Birthday	note+	with "--" label
Gender	gender	lower
Location	note+	label
Billing Information	note+	label
Directory Server	note+	label
Mileage	note+	label
Occupation	note+	label
Hobby	note+	label
Sensitivity	note+	map Normal= label
Priority	note+	map Normal= label
Subject	note+	label
Notes	note+	join "\n"
Language	lang
Photo	note+	label
Group Membership	tag+	split " ::: " strip "* " map myContacts=
E-mail {n} - Type	-
E-mail {n} - Value	email+	split " ::: "
IM {n} - Type	-
IM {n} - Service	-
IM {n} - Value	social+	split " ::: "
Phone {n} - Type	-
Phone {n} - Value	phone+	split " ::: "
Address {n} - Type	-
Address 1 - Street	street	split " ::: " first
Address 1 - Street	note+	split " ::: " rest label
Address 1 - Extended Address	street	split " ::: " first join "\n"
Address 1 - Extended Address	note+	split " ::: " rest label
Address 1 - PO Box	street	split " ::: " first join "\n"
Address 1 - PO Box	note+	split " ::: " rest label
# It repeats the other columns, or it is all there is.
Address 1 - Formatted	street	split " ::: " first else
Address 1 - City	city	split " ::: " first
Address 1 - City	note+	split " ::: " rest label
Address 1 - Region	region	split " ::: " first
Address 1 - Region	note+	split " ::: " rest label
Address 1 - Postal Code	postcode	split " ::: " first
Address 1 - Postal Code	note+	split " ::: " rest label
Address 1 - Country	country	split " ::: " first
Address 1 - Country	note+	split " ::: " rest label
Address {n} - Formatted	note+	label
Address {n} - Street	-
Address {n} - Extended Address	-
Address {n} - PO Box	-
Address {n} - City	-
Address {n} - Region	-
Address {n} - Postal Code	-
Address {n} - Country	-
Organization {n} - Type	-
Organization 1 - Name	org.name	split " ::: " first
Organization 1 - Name	note+	split " ::: " rest label
Organization 1 - Title	title	split " ::: " first
Organization 1 - Title	note+	split " ::: " rest label
Organization 1 - Department	dept	split " ::: " first
Organization 1 - Department	note+	split " ::: " rest label
Organization {n} - Name	note+	label
Organization {n} - Title	note+	label
Organization {n} - Department	note+	label
Organization {n} - Yomi Name	note+	label
Organization {n} - Symbol	note+	label
Organization {n} - Location	note+	label
Organization {n} - Job Description	note+	label
Relation {n} - Type	-
Relation {n} - Value	note+	named "Relation {n} - Type"
Event {n} - Type	-
Event {n} - Value	note+	named "Event {n} - Type"
Website {n} - Type	-
Website 1 - Value	url	split " ::: " first
Website 1 - Value	note+	split " ::: " rest label
Website {n} - Value	note+	label
Custom Field {n} - Type	-
Custom Field {n} - Value	note+	named "Custom Field {n} - Type"
