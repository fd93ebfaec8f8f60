// Seconds that pass, counted from an arbitrary moment, for what is shown to people.
#ifndef CK_TIME_H
#define CK_TIME_H

double ck_seconds(void);

#endif
