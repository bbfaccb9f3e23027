# SPDX-License-Identifier: ISC
# jobs_export: all contacts in the formats of others.

columns=ext,name,email,phone,street,postcode,city,country,lifecycle,tag
columns=$columns,created,value,note
sql_export="select $columns from contacts"

# export_lines FORMAT FILTER OPTION: ours and the limit
export_lines() {
	line ours crm-export 4 "$2" crm-export "$3" -S "$dir/store" -O "$1" \
		-f "$columns" contact
	line limit "LMDB, $1" 1.3 "$2" "$tool/limit" export \
		"$dir/limit.mdb" "$1" 0:ext 1:name 3:email 4:phone 5:street \
		6:postcode 7:city 8:country 9:lifecycle 10:tag 11:created \
		12:value 13:note
}
job_export() {
	job 'export tsv' "$some"
	export_lines tsv flat_escaped -H
	line peer sqlite3 0.35 flat sqlite3 -tabs "$dir/s.db" \
		"$sql_export"
	line growth 'crm-export, a tenth' 11 - crm-export -H \
		-S "$small/store" -O tsv -f "$columns" contact
	go
	job 'export csv' "$some"
	export_lines csv unquoted -H
	line peer sqlite3 0.35 unquoted sqlite3 -csv "$dir/s.db" \
		"$sql_export"
	duck 0.7 unquoted "$sql_export" 'format csv, header false'
	go
	job 'export json lines' "$some"
	export_lines jsonl objects -q
	line peer sqlite3 0.35 objects sqlite3 -json "$dir/s.db" \
		"$sql_export"
	duck 0.7 objects "$sql_export" 'format json'
	go
}
