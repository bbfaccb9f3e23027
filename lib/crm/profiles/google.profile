# Google Contacts: Export, "Google CSV", the layout since 2024.
# It has no ids of its own: people are found again by e-mail, then by phone.
# Several values of one kind stand in one cell, parted by " ::: ".
profile	google
title	Google Contacts, Google CSV
kind	contact
key	email,phone
match	First Name	Last Name	Organization Name
match	Labels
unless	Given Name

columns
First Name	given
Middle Name	middle
Last Name	family
Phonetic First Name	note+	label
Phonetic Middle Name	note+	label
Phonetic Last Name	note+	label
Name Prefix	prefix
Name Suffix	suffix
Nickname	nick
File As	note+	label
Organization Name	org.name	split " ::: " first
Organization Name	note+	split " ::: " rest label
Organization Title	title	split " ::: " first
Organization Title	note+	split " ::: " rest label
Organization Department	dept	split " ::: " first
Organization Department	note+	split " ::: " rest label
# A birthday may lack its year: --05-20.
Birthday	bday	without "--" date iso
Birthday	note+	with "--" label
Notes	note+	join "\n"
Photo	note+	label
# "* myContacts" is everybody.
Labels	tag+	split " ::: " strip "* " map myContacts=
E-mail {n} - Label	-
E-mail {n} - Value	email+	split " ::: "
Phone {n} - Label	-
Phone {n} - Value	phone+	split " ::: "
Address {n} - Label	-
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
Website {n} - Label	-
Website 1 - Value	url	split " ::: " first
Website 1 - Value	note+	split " ::: " rest label
Website {n} - Value	note+	label
Event {n} - Label	-
Event {n} - Value	note+	named "Event {n} - Label"
Relation {n} - Label	-
Relation {n} - Value	note+	named "Relation {n} - Label"
Custom Field {n} - Label	-
Custom Field {n} - Value	note+	named "Custom Field {n} - Label"
