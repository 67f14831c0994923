; extends

; OTTL in configurations of the Collector: what stands in lists under the keys that hold statements and conditions in the transform and
; filter processors and in components that take conditions. Offsets leave out quotes and the sign of a block; editors that do not know
; them colour what is quoted as a string.

; `- set(log.body, 1)`
(block_mapping_pair
  key: (flow_node) @_key
  value: (block_node
    (block_sequence
      (block_sequence_item
        (flow_node (plain_scalar) @injection.content))))
  (#any-of? @_key
    "log_statements" "metric_statements" "trace_statements" "profile_statements"
    "log_conditions" "metric_conditions" "trace_conditions" "profile_conditions"
    "statements" "conditions" "span" "spanevent" "metric" "datapoint" "log_record" "profile")
  (#set! injection.language "ottl"))

; `- 'set(log.body, 1)'`
(block_mapping_pair
  key: (flow_node) @_key
  value: (block_node
    (block_sequence
      (block_sequence_item
        (flow_node [(single_quote_scalar) (double_quote_scalar)] @injection.content))))
  (#any-of? @_key
    "log_statements" "metric_statements" "trace_statements" "profile_statements"
    "log_conditions" "metric_conditions" "trace_conditions" "profile_conditions"
    "statements" "conditions" "span" "spanevent" "metric" "datapoint" "log_record" "profile")
  (#offset! @injection.content 0 1 0 -1)
  (#set! injection.language "ottl"))

; `- |` and lines below it
(block_mapping_pair
  key: (flow_node) @_key
  value: (block_node
    (block_sequence
      (block_sequence_item
        (block_node (block_scalar) @injection.content))))
  (#any-of? @_key
    "log_statements" "metric_statements" "trace_statements" "profile_statements"
    "log_conditions" "metric_conditions" "trace_conditions" "profile_conditions"
    "statements" "conditions" "span" "spanevent" "metric" "datapoint" "log_record" "profile")
  (#offset! @injection.content 0 1 0 0)
  (#set! injection.language "ottl"))

; `[set(log.body, 1)]`
(_
  key: (flow_node) @_key
  value: (flow_node
    (flow_sequence
      (flow_node (plain_scalar) @injection.content)))
  (#any-of? @_key
    "log_statements" "metric_statements" "trace_statements" "profile_statements"
    "log_conditions" "metric_conditions" "trace_conditions" "profile_conditions"
    "statements" "conditions" "span" "spanevent" "metric" "datapoint" "log_record" "profile")
  (#set! injection.language "ottl"))

; `['set(log.body, 1)']`
(_
  key: (flow_node) @_key
  value: (flow_node
    (flow_sequence
      (flow_node [(single_quote_scalar) (double_quote_scalar)] @injection.content)))
  (#any-of? @_key
    "log_statements" "metric_statements" "trace_statements" "profile_statements"
    "log_conditions" "metric_conditions" "trace_conditions" "profile_conditions"
    "statements" "conditions" "span" "spanevent" "metric" "datapoint" "log_record" "profile")
  (#offset! @injection.content 0 1 0 -1)
  (#set! injection.language "ottl"))
