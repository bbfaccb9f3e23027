# crm.cli: crm --format csv export companies.
profile	crm-cli-companies
title	crm.cli, companies
kind	org
key	ext,domain
match	id	name	websites

columns
id	ext+	prefix crm.cli:
name	name
websites	domain+	split , host lower
websites	url	split , first
phones	phone+	split ,
tags	tag+	split ,
custom_fields	note+	map {}= label
created_at	created	date iso
updated_at	-
