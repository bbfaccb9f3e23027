# HubSpot: CRM, Contacts, Export, "All properties on records" or those of the
# view, as CSV. Ids of associated records are parted by ";".
profile	hubspot-contacts
title	HubSpot, contacts
kind	contact
key	ext,email
match	Record ID	First Name	Last Name	Email
unless	Deal Name

columns
Record ID	ext+	prefix hubspot:
Salutation	prefix
First Name	given
Last Name	family
Email	email+
Additional email addresses	email+	split ;
Work email	email+
Phone Number	phone+
Mobile Phone Number	phone+
Fax Number	note+	label
Contact owner	owner
HubSpot Owner ID	-
Job Title	title
Associated Company (Primary)	org.name	else
Associated Company	org.name	split ; first else
Company Name	org.name	else
Associated Company IDs (Primary)	org.ext	prefix hubspot:
Associated Company IDs	org.ext	split ; first prefix hubspot: else
Associated Company	note+	with ; label
Associated Company IDs	note+	with ; label
Primary Associated Company ID	org.ext	prefix hubspot: else
# The deals name their contacts.
Associated Deal	-
Associated Deal IDs	-
Street Address	street
City	city
State/Region	region
Postal Code	postcode
Country/Region	country
Website URL	url
LinkedIn URL	social+
Twitter Username	social+
Date of birth	bday	date iso
Gender	gender	lower
Preferred language	lang
Industry	note+	label
Lifecycle Stage	lifecycle	lower
	map "marketing qualified lead=mql,marketingqualifiedlead=mql"
	map "sales qualified lead=sql,salesqualifiedlead=sql"
Lead Status	status	lower
	map open=new,connected=working,qualified=qualified
	map "in progress=working,in_progress=working"
	map "open deal=qualified,open_deal=qualified"
	map "attempted to contact=attempted,attempted_to_contact=attempted"
	map "bad timing=bad-timing,bad_timing=bad-timing"
Original Source	note+	label
Original Traffic Source	note+	label
Record Source	note+	label
Unsubscribed from all email	suppress	bool
Marketing contact status	note+	label
Message	note+	label
Create Date	created	date iso
Last Modified Date	-
Last Activity Date	-
Last Contacted	-
