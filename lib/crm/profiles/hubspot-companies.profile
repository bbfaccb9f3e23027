# HubSpot: CRM, Companies, Export, as CSV.
profile	hubspot-companies
title	HubSpot, companies
kind	org
key	ext,domain
match	Record ID	Company name
unless	First Name	Deal Name

columns
Record ID	ext+	prefix hubspot:
Company name	name
Company Domain Name	domain+	lower strip www.
Website URL	url
Website URL	domain+	host lower else
Company owner	owner
HubSpot Owner ID	-
Phone Number	phone+
Street Address	street
Street Address 2	street	join "\n"
City	city
State/Region	region
Postal Code	postcode
Country/Region	country
Industry	industry
Number of Employees	size	number .
Annual Revenue	turnover	number .
Type	type	lower
	map vendor=supplier
Description	note+	join "\n"
About Us	note+	label
Year Founded	note+	label
LinkedIn Company Page	social+
Facebook Company Page	social+
Twitter Handle	social+
Lifecycle Stage	lifecycle	lower
	map "marketing qualified lead=mql,marketingqualifiedlead=mql"
	map "sales qualified lead=sql,salesqualifiedlead=sql"
Lead Status	note+	label
Original Source	note+	label
Original Traffic Source	note+	label
Parent Company	note+	label
# People and deals name their company.
Associated Contact	-
Associated Contact IDs	-
Associated Deal	-
Associated Deal IDs	-
Create Date	created	date iso
Last Modified Date	-
Last Activity Date	-
