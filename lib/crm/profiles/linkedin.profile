# LinkedIn: Settings, Get a copy of your data, Connections.csv. The lines from
# "Notes:" to the header are passed over. Most rows have no e-mail: people are
# found again by the address of their page.
profile	linkedin
title	LinkedIn, Connections.csv
kind	contact
key	ext,email
match	First Name	Last Name	URL	Connected On

columns
First Name	given
Last Name	family
URL	ext+	strip https:// strip http:// strip www. strip linkedin.com/
	strip in/ chop / prefix linkedin:
URL	social+
Email Address	email+
Company	org.name
Position	title
Connected On	note+	date iso label
= tag+ linkedin
