"""Ways in which people ask for sums that need brackets, one a line."""

BRACKETS = {
    "({a}+{b})*{c}": """
        {a} and {b} together, and that {c} times
        each of {c} friends gets {a} red and {b} blue {t}. How many in all?
        sum {a} and {b}, times {c}
        every day {a} boys and {b} girls come, how many children in {c} days?
        the sum of {a} and {b} multiplied by {c}
        {a} plus {b}, then times {c}
        {c} bags have {a} nuts and {b} dates each. How many are that in all?
        a meal is {a} and a drink {b}. What do {c} people pay?
        add {a} to {b} and multiply by {c}
        a sandwich for {a} and a juice for {b}, for each of {c} kids. what does it cost
        {n} earns {a} plus a tip of {b} every day. How much in {c} days?
        {a} and {b} combined, times {c}
        ticket {a}, bus {b}, and we are {c} people. total?
        {c} times the sum of {a} and {b}
        {a} km there and {b} km back each day. How many km in {c} days?
        in every one of {c} rooms are {a} chairs and {b} stools, how many seats are that altogether
        {a} red and {b} white roses in a bunch. {c} bunches. how many roses
    """,
    "({a}+{b})/{c}": """
        add {a} and {b}, then share by {c}
        we earned {a} and {b} and are {c} people. How much is it for each?
        {a} and {b} sweets shared by {c} kids. each?
        the sum of {a} and {b} divided by {c}
        {n} has {a} {t}, finds {b} more and shares all with {c} friends. How many each?
        {n} has {a} and {m} has {b}. They share with {c} people. How much for each?
        {a} plus {b}, divided by {c}
        {a} boys and {b} girls make {c} teams. How many in a team?
        put {a} and {b} together and split it {c} ways
        i got {a} and my brother got {b}, we share it out between {c} of us. how much per head
        pizza {a}, drinks {b}, split by {c} people. each pays?
        dinner was {a} and the tip {b}. What is that per person for {c} people?
        {a} boys and {b} girls sit at {c} tables, how many at each table
        {n} picked {a} pears and {m} picked {b}. They fill {c} baskets evenly. Pears per basket?
        {a} red and {b} green apples for {c} kids, how many apiece
        {a} and {b} combined, shared out to {c}
        we have {a} plus {b} people and {c} cars. how many people a car
    """,
    "({a}-{b})/{c}": """
        {a} without {b}, shared by {c}
        {n} has {a} {t}, keeps {b} and shares the rest between {c} kids. Each gets?
        {a} less {b}, all of it divided by {c}
        of {a} {t} {b} are bad, the others go evenly into {c} bags. How many in a bag?
        {n} had {a}, spent {b} and gave the rest to {c} kids. How much did each get?
        {a} minus {b}, then divide by {c}
        of {a} eggs {b} broke, the others go in boxes of {c}. How many boxes?
        take {b} from {a} and share among {c}
        {a} minus the {b} i keep, the rest split by {c} friends
        {n} has {a} sweets, eats {b} and gives what is left to {c} friends. Each one gets?
        the bill is {a}, a voucher takes {b} off, {c} of us pay the rest. how much each
        {a} pages in my book, {b} are read. i read {c} a day. how many more days
        need {a}, have {b}, save {c} a week. how many weeks
        {n} wants a bike for {a}, has {b} and saves {c} a month. How many months will it take?
        i had {a} cm of string, cut off {b} cm and made {c} equal pieces of the rest. length of one?
        {a} people, {b} walk and the others go in {c} cars. how many per car
    """,
    "({a}-{b})*{c}": """
        {n} earns {a} a day and spends {b} a day. How much is saved in {c} days?
        i buy at {b} and sell at {a}. what do i make on {c} of them
        the difference between {a} and {b}, times {c}
        {a} less {b}, and that {c} times
        a ticket costs {a} but we get {b} off each. we need {c}. what do we pay
        {a} in each class but {b} are ill. {c} classes. how many pupils are there
        take {b} from {a} and multiply by {c}
        each box had {a} eggs but {b} broke in every box. {c} boxes, how many eggs are whole?
    """,
    "{a}*({b}+{c})": """
        {a} kids get {b} apples and {c} pears each. How many pieces of fruit?
        {a} times the sum of {b} and {c}
        for {a} days i did {b} pages in the morning and {c} at night. how many pages
        we are {a} people and each pays {b} for food and {c} for the hall. how much comes in
        {a} tables with {b} forks and {c} knives on each, how many things lie there
        {n} fills {a} bags with {b} nuts and {c} dates. How much is in all the bags?
    """,
    "{a}*({b}-{c})": """
        {a} shirts at {b}, with {c} off each. what do i pay
        {a} times the difference of {b} and {c}
        {a} bags of {b} sweets, and {c} eaten from each bag. how many remain
        for {a} weeks {n} gets {b} and spends {c} every week. What is saved?
    """,
    "{a}/({b}+{c})": """
        {a} {t} are shared by {b} boys and {c} girls. How many each?
        divide {a} by the sum of {b} and {c}
        split {a} between {b} adults and {c} kids, how much per head
        {a} over the sum of {b} and {c}
        {n} deals {a} cards to {b} friends and {c} cousins. How many cards each?
    """,
    "({a}+{b})*2": """
        how long is the fence around a garden {a} m long and {b} m wide
        the perimeter of a rectangle {a} by {b}?
        a room is {a} by {b} metres. How far is it all the way around?
        {a} and {b} together, doubled
        twice the sum of {a} and {b}
    """,
    "({a}+{b})/2": """
        the average of {a} and {b}
        what is the mean of {a} and {b}?
        which number lies in the middle between {a} and {b}
        {n} got {a} points and then {b}. What is the average?
        half of the sum of {a} and {b}
        i pay {a} and {b} and we split both in half. whats my half
    """,
    "({a}+{b}+{c})/3": """
        average of {a}, {b} and {c}?
        {n} scored {a}, {b} and {c}. What is the mean?
        what is the average if i got {a}, {b} and {c}
        three of us paid {a}, {b} and {c} and share it equally. how much for each
    """,
}
