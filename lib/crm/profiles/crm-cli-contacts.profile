# crm.cli: crm --format csv export contacts. Lists are joined by ", ".
profile	crm-cli-contacts
title	crm.cli, contacts
kind	contact
key	ext,email
match	id	name	emails	companies

columns
id	ext+	prefix crm.cli:
name	name
emails	email+	split ,
phones	phone+	split ,
# Companies stand there by name, and a name may hold a comma: the first one.
companies	org.name	split ", " first
companies	note+	with ", " label
linkedin	social+	prefix linkedin:
x	social+	prefix x:
bluesky	social+	prefix bluesky:
telegram	social+	prefix telegram:
tags	tag+	split ,
custom_fields	note+	map {}= label
created_at	created	date iso
updated_at	-
