# Twenty: People, Export view as CSV. Lists stand as JSON in their cells, and a
# text that begins like a formula has a sign before it that nobody sees.
profile	twenty-people
title	Twenty, people
kind	contact
key	ext,email
match	Name / First Name	Name / Last Name
match	Emails / Primary Email

columns
Id	ext+	prefix twenty:
Name / First Name	given	unguard
Name / Last Name	family	unguard
Emails / Primary Email	email+
Emails / Additional Emails	email+	json ""
# The code stands there without a number, too.
Phones / Primary Phone Calling Code	-
Phones / Primary Phone Country Code	-
Phones / Primary Phone Number	phone+	front "Phones / Primary Phone Calling Code"
	unguard
Phones / Primary Phone	phone+	unguard
Phones / Additional Phones	phone+	json callingCode,number unguard
Job Title	title	unguard
City	city
Company Id	org.ext	prefix twenty:
Company / Id	org.ext	prefix twenty: else
Company (ID)	org.ext	prefix twenty: else
Company / Name	org.name
Company	org.name	else
Linkedin / Link URL	social+
Linkedin / Link Label	-
Linkedin / Secondary Links	social+	json url
X / Link URL	social+
X / Link Label	-
X / Secondary Links	social+	json url
Avatar	-
Avatar URL	-
Created by	-
Created by / Name	-
Created by / Source	-
Position	-
Search vector	-
Creation date	created	date iso
Last update	-
Deleted at	-
