# Twenty: Opportunities, Export view as CSV.
profile	twenty-opportunities
title	Twenty, opportunities
kind	deal
key	ext
match	Name	Stage	Amount / Amount

columns
Id	ext+	prefix twenty:
Name	name	unguard
Stage	stage	lower map screening=qualified,meeting=qualified,customer=won
Amount / Amount	amount	number .
Amount / Currency	currency
Close date	close	date iso
Company Id	org.ext	prefix twenty:
Company / Id	org.ext	prefix twenty: else
Company (ID)	org.ext	prefix twenty: else
Company / Name	org.name
Company	org.name	else
Point of Contact Id	contact	prefix twenty:
Point of Contact / Id	contact	prefix twenty: else
Point of Contact (ID)	contact	prefix twenty: else
Point of Contact	note+	label
Owner	owner
Created by	-
Created by / Name	-
Created by / Source	-
Position	-
Search vector	-
Creation date	created	date iso
Last update	-
Deleted at	-
