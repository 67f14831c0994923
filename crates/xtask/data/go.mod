module ottl-data

go 1.26.0

require (
	github.com/elastic/go-grok v0.3.1
	github.com/elastic/lunes v0.2.2
	github.com/ua-parser/uap-go v0.0.0-20251207011819-db9adb27a0b8
	golang.org/x/text v0.43.0
	gopkg.in/yaml.v3 v3.0.1
)

require (
	github.com/hashicorp/golang-lru v1.0.2 // indirect
	github.com/magefile/mage v1.15.0 // indirect
)
