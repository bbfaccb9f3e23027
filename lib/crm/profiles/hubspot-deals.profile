# HubSpot: CRM, Deals, Export, as CSV. A deal waits for its contact, which may
# come in a later file. Stages of your own: add them to the map.
profile	hubspot-deals
title	HubSpot, deals
kind	deal
key	ext
match	Deal Name	Deal Stage

columns
Record ID	ext+	prefix hubspot:
Deal ID	ext+	prefix hubspot:
Deal Name	name
Pipeline	note+	label
Deal Stage	stage	lower
	map "appointment scheduled=new,appointmentscheduled=new"
	map "qualified to buy=qualified,qualifiedtobuy=qualified"
	map "presentation scheduled=proposal,presentationscheduled=proposal"
	map "decision maker bought-in=negotiation"
	map "decisionmakerboughtin=negotiation"
	map "contract sent=negotiation,contractsent=negotiation"
	map "closed won=won,closedwon=won,closed lost=lost,closedlost=lost"
Amount	amount	number .
Currency	currency
Amount in company currency	note+	label
Deal probability	probability	percent
Close Date	close	date iso
Deal owner	owner
HubSpot Owner ID	-
Deal Type	note+	label
Priority	note+	label
Deal Description	note+	join "\n"
Next step	next
Closed Lost Reason	lost_reason
Closed Won Reason	note+	label
Original Source	note+	label
Original Traffic Source	note+	label
Associated Company (Primary)	org.name
Associated Company	org.name	split ; first else
Associated Company IDs (Primary)	org.ext	prefix hubspot:
Associated Company IDs	org.ext	split ; first prefix hubspot: else
Associated Company	note+	with ; label
Associated Company IDs	note+	with ; label
Associated Contact IDs	contact	split ; first prefix hubspot:
Associated Contact IDs	note+	with ; label
Associated Contact	note+	with ; label
Create Date	created	date iso
Last Modified Date	-
Last Activity Date	-
