"""The table of seeded defects: at least two for each rule, as different in kind as they can be."""

import mutations_contract
import mutations_init
import mutations_launchers
import mutations_lineage
import mutations_process
import mutations_s6
import mutations_s6_rc
import mutations_users

MUTATIONS = (
    *mutations_s6.MUTATIONS,
    *mutations_s6_rc.MUTATIONS,
    *mutations_init.MUTATIONS,
    *mutations_users.MUTATIONS,
    *mutations_launchers.MUTATIONS,
    *mutations_lineage.MUTATIONS,
    *mutations_process.MUTATIONS,
    *mutations_contract.MUTATIONS,
)
