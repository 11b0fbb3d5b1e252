"""Ways in which people ask for {a} - {b}, one a line."""

SUBTRACTING = """
how much more is {a} than {b}?
by what number does {a} exceed {b}
how much is missing if i have {b} and want {a}
{n} needs {a} but has {b}. How much is lacking?
{a} were invited, {b} did not come. How many came?
it was {a} degrees and fell by {b}. What is it now?
take off {b} from {a} please
the price was {a} and is {b} lower now. new price?
{a} minus {b} leaves what
after paying {b} from {a} what do i have
i have {a} to spend, {b} is gone. how much remains
what is the rest when {b} of {a} are used up
{b} of my {a} {t} are lost. How many are there still?
what do i get if {a} goes down by {b}
i need {a}, i have got {b}, how many more do i need?
{a} on the shelf, {b} are bought. How many stay?
how long is it from {b} to {a}?
{n} is {a} cm and {m} is {b} cm tall. What is the difference?
how many fewer is {b} than {a}
how much bigger is {a} than {b}
{a} is how much more than {b}?
How many more is {a} than {b}?
what is left of {a} when {b} is gone
i had {a} {t} but {b} broke, how many do i still have?
{n} owes {a} and pays back {b}. How much does {n} still owe?
spent {b} out of {a}, whats left
I paid with {a} for something that costs {b}, how much change do I get?
there were {a} birds, {b} flew off, how many birds stayed
knock {b} off {a}
lower {a} by {b}
cut {b} away from {a}
a novel has {a} pages and I have read {b}. How many are left to read?
minus {b} from {a}
a rope of {a} metres, we cut off {b} metres, how long is the rest?
{a} people on the bus, {b} get off. how many are on it now?
How far apart are {a} and {b}?
gap between {a} and {b}?
what must i add to {b} to get {a}
how many are missing from {b} to {a}?
{n} has {a} {t}, {m} has {b}. How many more does {n} have?
The tank held {a} litres and {b} leaked out. How much is in it?
{a} dollars in my account, rent is {b}, what do i have after
eat {b} of {a} {t}, how many remain
if {a} shrinks by {b} what is it
from {a} please subtract {b}
{b} out of {a} were bad. How many were good?
it costs {a} but I get {b} off, so what do I pay?
{a} seats and {b} are taken, how many free seats?
went from {a} down by {b}
what do you get taking {b} off {a}?
{n} is {a} and {m} is {b}, how much older is {n}?
count back {b} from {a}
{a} eggs, {b} are broken. Whole eggs?
of the {a} pupils {b} are ill today, how many came?
we need {a} {t} and have {b}. How many do we still need?
drop {b} from {a}, what number is that
how much less is {b} than {a}?
if I throw away {b} of my {a} {t}, how many do I keep?
which number is {b} smaller than {a}
{n} wants {a} {t} and has only {b} so far. How many are missing?
please take {b} away from {a}
{n} baked {a} muffins. {b} were eaten. How many muffins are there now?
if {b} of {a} birds fly away how many birds are still there
i am {a} years old and my brother is {b}. how many years younger is he?
{a} take away {b}
what's {a} less {b}
it is {a} km to town, i have driven {b} km. how far is it still
the film lasts {a} minutes and {b} are over. how many minutes to go?
{n} had {a} and gave {b} to {m}. What does {n} have left?
deduct {b} from {a}
out of {a} questions i got {b} wrong, how many were right
the jug has {a} ml, i drink {b} ml, what is still in it
what's the difference of {a} and {b}
how much must i pay on top of {b} to make {a}
{a} guests were at the party and {b} have left. How many guests are still there?
my phone had {a} percent, now it used {b}. what does it show
{n} weighs {a} kg and {m} weighs {b} kg. How much heavier is {n}?
we sold {b} of {a} tickets. Unsold tickets?
remove {b} from {a}
{a} candles were burning, {b} went out. how many are burning
how many do i have to give back to come from {a} to {b}
a coat was {a} and is now {b} cheaper, what does it cost
of {a} days of holiday {b} have passed. how many days do i still have
from {a} i used {b}. remaining?
there are {a} kids in class and {b} wear glasses. How many do not wear glasses?
what is {b} below {a}
i had {a} coins. i lost {b}. coins now?
{n} ran {a} metres, {m} ran {b}. How much further did {n} run?
the bag weighed {a} g, i took out {b} g. what does it weigh now
{a} plants, {b} of them died. how many live
tell me how much {b} is under {a}
a shop had {a} hats, it sold {b}. How many hats does the shop still have?
start with {a} and go back {b}
{b} of {a} chairs are broken, how many can be used?
how many more than {b} is {a}
the bill says {a}, i have {b}. how much do i lack
{n} must read {a} pages and has read {b}. How many must {n} still read?
we were {a}, {b} went home early, we are now
i wanna know {a} minus {b}
{a} steps to the top, i did {b}. steps left?
subtract: {a} and {b}
how long is it until {a} if it is {b} now
{a} cookies in the jar, {n} takes {b}. How many cookies stay in the jar?
if you take {b} from {a}, how many remain
a tree of {a} metres lost {b} metres in a storm. How high is it?
there were {a} of us and {b} got lost
my loan is {a}, paid {b} already, still open?
{m} has {b} less than {n}, who has {a}. How many does {m} have?
pay {b} with {a}, what change comes back?
{n} cut {b} cm off a board of {a} cm. What is left of the board?
"""
