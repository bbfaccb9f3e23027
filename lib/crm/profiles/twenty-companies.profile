# Twenty: Companies, Export view as CSV.
profile	twenty-companies
title	Twenty, companies
kind	org
key	ext,domain
match	Name	Domain Name / Link URL

columns
Id	ext+	prefix twenty:
Name	name	unguard
Domain Name / Link URL	domain+	host lower
Domain Name / Link URL	url
Domain Name / Link Label	-
Domain Name / Secondary Links	domain+	json url host lower
Address / Address 1	street
Address / Address 2	street	join "\n"
Address / City	city
Address / State	region
Address / Country	country
Address / Post Code	postcode
Address / Latitude	-
Address / Longitude	-
Address / Lat	-
Address / Lng	-
Employees	size	number .
Annual Revenue / Amount	turnover	number .
Annual Revenue / Currency	note+	label
ARR / Amount	note+	label
ARR / Currency	note+	label
ICP	note+	label
Ideal Customer Profile	note+	label
Account Owner	owner
Account Owner (ID)	owner	else
Account Owner Id	owner	else
Linkedin / Link URL	social+
Linkedin / Link Label	-
Linkedin / Secondary Links	social+	json url
X / Link URL	social+
X / Link Label	-
X / Secondary Links	social+	json url
Created by	-
Created by / Name	-
Created by / Source	-
Position	-
Search vector	-
Creation date	created	date iso
Last update	-
Deleted at	-
