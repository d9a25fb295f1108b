CREATE SUBSCRIPTION back CONNECTION '${REPORTING_CONNINFO}' PUBLICATION back WITH (create_slot = false, slot_name = 'back_${SUFFIX}', enabled = false);
