CREATE SUBSCRIPTION other CONNECTION '${PRIMARY_CONNINFO}' PUBLICATION sales WITH (create_slot = false, slot_name = 'other_${SUFFIX}');
