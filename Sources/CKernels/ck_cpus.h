// How many processors this process may keep busy.
#ifndef CK_CPUS_H
#define CK_CPUS_H

int ck_cpus(void);  // at least 1; the smaller of the affinity mask and the cgroup's quota, rounded up

#endif
